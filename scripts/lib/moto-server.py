"""S3 as moto plays it, on a free port of loopback, with one bucket: for scripts/test-storage.

    moto-server.py [--unlocked] URL-FILE BUCKET

Writes its address to URL-FILE when it serves. moto answers each request in a thread of its own, and looks whether an
object is there before it puts one: with If-None-Match two writers may both find nothing and both succeed. S3 decides
that in one step, so here requests that change something are taken one after another; --unlocked leaves moto as it is.
"""

import os
import sys
import threading
import urllib.request

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

CHANGING = {"PUT", "POST", "DELETE"}


class OneAfterAnother:
    """A WSGI application whose changing requests wait for one another."""

    def __init__(self, application):
        self.application = application
        self.changing = threading.Lock()

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] not in CHANGING:
            return self.application(environ, start_response)
        with self.changing:
            return self.application(environ, start_response)


class Silent(MotoRequestHandler):
    def log_request(self, code="-", size="-"):
        """A line for each request would be all there is to read."""


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--unlocked"]
    url_file, bucket = arguments
    application = DomainDispatcherApplication(create_backend_app)
    if "--unlocked" not in sys.argv[1:]:
        application = OneAfterAnother(application)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    urllib.request.urlopen(urllib.request.Request(f"{url}/{bucket}", method="PUT")).read()
    with open(url_file + ".new", "w", encoding="ascii") as file:
        file.write(url + "\n")
    os.rename(url_file + ".new", url_file)
    serving.join()


main()
