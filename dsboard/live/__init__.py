"""Live pages: what one person does, the others see within a second.

A change raises the team's pulse after its commit and wakes the hub of every web process (`dsboard.wakes`). The hub reads what
changed, draws it once for all who look at the same page, and hands it to the streams. Nothing is replayed: a page that
comes back says which version it shows and gets what it missed.
"""
