"""The demo companies that an empty installation starts with."""

from csuite.server.demo.load import Loaded, Login, NotEmpty, load_demo

__all__ = ["Loaded", "Login", "NotEmpty", "load_demo"]
