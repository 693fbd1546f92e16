"""The root of all addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("migration.api.urls")),
    path("", include("migration.console.urls")),
]

handler400 = "migration.console.errors.bad_request"
handler403 = "migration.console.errors.no_permission"
handler404 = "migration.console.errors.not_found"
handler500 = "migration.console.errors.server_error"
