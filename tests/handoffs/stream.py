"""A real stream of a model in operation, as JSON: the accuracy of a classifier of handwritten digits, a batch a day.

Run by the Python that has scikit-learn. For the first 60 days the images come as they did in training; then the camera is moved by
one pixel. The data set ships with scikit-learn; each day's batch is drawn from the half that the model has not seen.
"""

import json
import random

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

DAYS, MOVED, BATCH = 100, 60, 120


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    train_x, rest_x, train_y, rest_y = train_test_split(images, labels, test_size=0.5, random_state=3, stratify=labels)
    model = LogisticRegression(C=0.01, max_iter=2000).fit(train_x, train_y)
    moved = np.roll(rest_x.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
    chance, days = random.Random(5), []
    for day in range(DAYS):
        chosen = chance.sample(range(len(rest_y)), BATCH)
        seen = moved if day >= MOVED else rest_x
        days.append(float((model.predict(seen[chosen]) == rest_y[chosen]).mean()))
    print(json.dumps(days))


if __name__ == "__main__":
    main()
