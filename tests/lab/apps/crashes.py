"""Fails on every page, as after a deployment without its migration."""
from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    raise RuntimeError("no such column: users.display_name")
