"""Takes longer than anyone waits."""
import time

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home():
    time.sleep(2)
    return "at last"
