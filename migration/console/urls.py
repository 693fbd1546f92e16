"""Addresses of the console."""

from django.urls import path, re_path

from migration.console import views

app_name = "console"

urlpatterns = [
    path("", views.OverviewView.as_view(), name="overview"),
    path("login/", views.ConsoleLoginView.as_view(), name="login"),
    path("logout/", views.ConsoleLogoutView.as_view(), name="logout"),
    path("theme/", views.set_theme, name="theme"),
    re_path(r"^healthz/?$", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon, name="favicon"),
]
