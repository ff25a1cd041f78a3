"""Cloud Storage's double for tests: an HTTP server that speaks the part of the JSON API that google-cloud-storage uses.

It is stricter than the cloud: preconditions and checksums hold, generations never come twice, a parameter that it does
not know is refused instead of ignored, and one name takes one write a second with a burst of three. Faults are ordered
(faults.py), everything is counted and logged. What it stores lives in its own memory.

A request goes through server.py (sockets), double.py (outage, faults, log) and operations.py (which operation it is) to
objects.py and upload_sessions.py (what is stored). ``python -m tests.cloud_storage --port N`` runs it as a process,
steered over HTTP (control.py, remote.py); tests in one process hold the objects themselves.
"""
