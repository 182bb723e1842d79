"""All addresses, composed by string: floor 0 names the other floors and never imports them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("dsboard.api.root")),
    path("", include("experiments.tracking.urls")),
    path("", include("dsboard.views.urls")),
    path("me/", include("experiments.my_urls")),
    path("", include("experiments.urls")),
    path("", include("sprints.urls")),
    path("", include("handoffs.urls")),
]

handler500 = "dsboard.views.broken.broken"
