"""Moved to HTTPS, with its templates left as they were."""
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def home():
    own = request.host
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Concert tickets</title>
<link rel="stylesheet" href="http://{own}/static/tickets.css">
<script src="http://{own}/static/tickets.js"></script>
</head>
<body>
<h1>Concert tickets</h1>
<img src="http://pictures.lab.test/hall.jpg" alt="The hall">
<form action="http://{own}/order" method="post"><input name="seats"><button>Order</button></form>
<script>fetch("http://prices.lab.test/today");</script>
</body>
</html>
"""
