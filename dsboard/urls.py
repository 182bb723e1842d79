"""All addresses, composed by string: floor 0 names the other floors and never imports them."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern


class Apart(URLResolver):
    """Addresses that are loaded with the first request for one of them; they have a namespace of their own."""

    def _populate(self) -> None:
        """Nothing: the names of all other addresses are known without these, whose own are looked up in their namespace."""


#: its shapes are a fifth of the memory of a board that nobody calls from outside
api = Apart(RoutePattern("api/"), "dsboard.api.root", app_name="api", namespace="api")

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    api,
    path("", include("experiments.tracking.urls")),
    path("", include("dsboard.views.urls")),
    path("me/", include("experiments.my_urls")),
    path("", include("experiments.urls")),
    path("", include("sprints.urls")),
    path("", include("handoffs.urls")),
]

handler500 = "dsboard.views.broken.broken"
