"""A training script as data scientists write them: scikit-learn, its own data sets, MLflow. Knows nothing of dsboard.

Run by the Python that has MLflow: train.py EXPERIMENT. Where to is in MLFLOW_TRACKING_URI.
"""

import sys
import warnings
from contextlib import nullcontext

import mlflow
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")


def main(experiment: str) -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(features, labels, test_size=0.3, random_state=7, stratify=labels)
    scaled = StandardScaler().fit(train_x)
    mlflow.set_experiment(experiment)
    for strength in (0.001, 0.1, 1.0):
        with mlflow.start_run(run_name=f"logistic, C {strength}"):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=500)).fit(train_x, train_y)
            mlflow.log_params({"model": "logistic", "C": strength})
            told = {"macro-F1": f1_score(test_y, model.predict(test_x), average="macro")}
            mlflow.log_metrics(told | {"log loss": log_loss(test_y, model.predict_proba(test_x))})
            mlflow.set_tags({"team": "fraud"})
    with mlflow.start_run(run_name="sgd by epochs"):
        model = SGDClassifier(loss="log_loss", random_state=7)
        mlflow.log_param("model", "sgd")
        for epoch in range(6):
            model.partial_fit(scaled.transform(train_x), train_y, classes=np.unique(labels))
            mlflow.log_metric("macro-F1", f1_score(test_y, model.predict(scaled.transform(test_x)), average="macro"), step=epoch)
            mlflow.log_metric("log loss", log_loss(test_y, model.predict_proba(scaled.transform(test_x))), step=epoch)
    with mlflow.start_run(run_name="one that diverged"):
        mlflow.log_param("model", "none")
        mlflow.log_metric("macro-F1", float("nan"))
    try:
        with mlflow.start_run(run_name="one that crashed"):
            mlflow.log_metric("macro-F1", 0.999)
            raise MemoryError
    except MemoryError:
        pass


def by_autolog(experiment: str) -> None:
    """The same without a word about what is logged."""
    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog()
    features, labels = load_breast_cancer(return_X_y=True, as_frame=True)
    with mlflow.start_run(run_name="mine") if "--own" in sys.argv else nullcontext():
        LogisticRegression(C=0.5, max_iter=5000).fit(features, labels)


if __name__ == "__main__":
    (by_autolog if "--autolog" in sys.argv else main)(sys.argv[1])
