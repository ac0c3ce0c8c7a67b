"""Programs that serve a bundle without Python: C, C++ and JavaScript, and their proof.

The sources beside this file travel in the installed package; `docs/clients.md` says how
to use them.
"""
