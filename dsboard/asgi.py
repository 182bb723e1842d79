"""What uvicorn serves: the pages behind the bridge, and beside them the live streams."""

import gc

from dsboard.serving.bridge import Bridge
from dsboard.serving.mount import mount
from dsboard.wsgi import application as pages

# isort: split
# Below: Django's set-up, which the line above makes.
from dsboard.live.stream import PREFIX, Live

live = Live()
# Measured on SQLite with 200-row pages: 296, 275, 245 and 200 requests a second with 1, 2, 4 and 8 page threads.
application = mount(Bridge(pages, workers=2), {PREFIX: live})

# A page makes tens of thousands of objects and next to no cycle: to look for one every 700 objects took a twentieth of its time.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 10, 10)
