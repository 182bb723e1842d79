"""A script with the skinny client of MLflow alone, of whatever version: plain.py EXPERIMENT [artifact]."""

import sys

import mlflow


def main(experiment: str) -> None:
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="one") as run:
        mlflow.log_params({"lr": 3e-5, "layers": 12})
        mlflow.log_param("optimizer", "adam")
        for step, value in enumerate((0.5, 0.7, 0.93)):
            mlflow.log_metric("macro-F1", value, step=step)
        mlflow.log_metrics({"loss": float("nan"), "gain": float("inf")}, step=2)
        mlflow.set_tags({"git": "abc123", "mlflow.note.content": "Three seeds."})
        mlflow.set_tag("fold", 3)
        if "artifact" in sys.argv:
            mlflow.log_text("hello", "hello.txt")
    read = mlflow.get_run(run.info.run_id)
    print(mlflow.__version__, read.info.status, read.data.params["layers"], read.data.metrics["macro-F1"], read.data.tags["fold"])


if __name__ == "__main__":
    main(sys.argv[1])
