"""Addresses of MLflow's REST API, as its client calls them."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from experiments.tracking import door

API = "mlflow/api/2.0/mlflow/"

urlpatterns = [
    path(f"{API}experiments/get", door.get_experiment, name="mlflow-experiment"),
    path(f"{API}experiments/get-by-name", door.get_experiment_by_name, name="mlflow-experiment-by-name"),
    path(f"{API}experiments/create", door.create_experiment, name="mlflow-experiment-create"),
    path(f"{API}runs/get", door.get_run, name="mlflow-run"),
    path(f"{API}runs/create", door.create_run, name="mlflow-run-create"),
    path(f"{API}runs/update", door.update_run, name="mlflow-run-update"),
    path(f"{API}runs/log-batch", door.log_batch, name="mlflow-log-batch"),
    path(f"{API}runs/log-metric", door.log_metric, name="mlflow-log-metric"),
    path(f"{API}runs/log-parameter", door.log_parameter, name="mlflow-log-parameter"),
    path(f"{API}runs/set-tag", door.set_tag, name="mlflow-set-tag"),
    path(f"{API}runs/log-inputs", door.log_inputs, name="mlflow-log-inputs"),
    path(f"{API}logged-models", door.create_logged_model, name="mlflow-logged-model-create"),
    path(f"{API}logged-models/<str:model_id>", door.get_logged_model, name="mlflow-logged-model"),
    path(f"{API}runs/outputs", door.log_outputs, name="mlflow-log-outputs"),
    # The client says that a run can be seen here, at an address after #.
    path("mlflow/", RedirectView.as_view(pattern_name="home"), name="mlflow"),
    re_path(r"^mlflow/", door.elsewhere, name="mlflow-elsewhere"),
]
