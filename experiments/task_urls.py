"""Addresses of one card and of what hangs on it; part of the namespace of urls.py."""

from django.urls import path

from experiments.views import attachment, field, my_work, run, run_new, task, time_box

TASK = "t/<str:team>/tasks/<str:ref>/"

urlpatterns = [
    path(TASK, task.task, name="task"),
    path(f"{TASK}fields/<slug:name>/", field.field, name="field"),
    path(f"{TASK}comments/", task.comments, name="comments"),
    path(f"{TASK}watch/", task.watch, name="watch"),
    path(f"{TASK}drop/", task.drop, name="drop"),
    path(f"{TASK}deletion/", task.delete, name="delete"),
    path(f"{TASK}restoration/", task.restore, name="restore"),
    path(f"{TASK}promotion/", task.promotion, name="promotion"),
    path(f"{TASK}time-box/", time_box.time_box, name="time-box"),
    path(f"{TASK}time-box/extension/", time_box.extension, name="extension"),
    path(f"{TASK}time-box/extension/effect/", time_box.effect, name="extension-effect"),
    path(f"{TASK}time-box/pause/", time_box.pause, name="pause"),
    path(f"{TASK}time-box/resumption/", time_box.resume, name="resumption"),
    path(f"{TASK}time-box/nudge/", my_work.nudge, name="nudge"),
    path(f"{TASK}links/", task.links, name="links"),
    path(f"{TASK}runs/", run.runs, name="runs"),
    path(f"{TASK}runs/links/", run.links, name="run-links"),
    path(f"{TASK}runs/links/<int:pk>/removal/", run.unlink, name="run-link-removal"),
    path(f"{TASK}runs/comparison/", run.comparison, name="run-comparison"),
    path(f"{TASK}runs/new/", run_new.run_new, name="run-new"),
    path(f"{TASK}runs/file/", run.file, name="runs-file"),
    path(f"{TASK}runs.csv", run.export, name="runs-export"),
    path(f"{TASK}runs/<int:pk>/", run.run, name="run"),
    path(f"{TASK}attachments/", attachment.add, name="attachments"),
    path(f"{TASK}attachments/<int:pk>/", attachment.download, name="attachment"),
    path(f"{TASK}attachments/<int:pk>/removal/", attachment.remove, name="attachment-removal"),
    path(f"{TASK}attachments/<int:pk>/return/", attachment.put_back, name="attachment-return"),
]
