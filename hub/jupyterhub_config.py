"""JupyterHub for a class on one machine: docs/hub.md. It is read from where it lies, so that a new version of the
course brings its own; what is yours comes after it, in a file that begins with
load_subconfig("/opt/tessera/hub/jupyterhub_config.py")."""

import sys
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub calls it so)
course = Path(__file__).parent.parent

# Your web server, with TLS, stands before it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Whoever has an account on this machine and knows its password; "allowed_groups" takes fewer.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True

# What each user gets: the course's JupyterLab, in ~/tessera.
c.Spawner.cmd = [str(course / "tessera"), "lab", "--hub"]
c.Spawner.start_timeout = 120  # seconds; a busy machine and a slow disk take long, the first time most
c.Spawner.http_timeout = 120

# The proxy is a program for Node, which comes with the course.
program = course / ".venv/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
c.ConfigurableHTTPProxy.command = ["node", str(program)]

# Servers of whoever has left end after two hours. A kernel that is busy is activity: no training ends so.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=7200"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
