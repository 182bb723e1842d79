"""Those who only look: open streams by the hundred, and how long a move takes to reach each of them."""

import asyncio
import random
import re
import statistics
import threading
import time

from benchmarks._client import Client

TEAM, EVERY, SECONDS, MOVERS = "A200", 2.0, 16, 8
CARD = re.compile(rb'id="task-([A-Z0-9]+-\d+)"')


def measured(client: Client, lookers: int) -> list[str]:
    """A line for fifty readers and one for all."""
    return [run(client, count) for count in (50, lookers) if count <= lookers]


def run(client: Client, count: int) -> str:
    """Eight people move a card every two seconds each; the delay from the request to the word on each stream."""
    began: dict[str, float] = {}
    delays: list[float] = []
    heard: set[str] = set()
    ready, over = threading.Event(), threading.Event()
    name = client.cookie.partition("=")[0]

    async def look(place: int, opened: list[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        cookie = f"{name}={client.more['lookers'][place]}"
        writer.write(f"GET /live/{TEAM}/?view=experiments HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
        event = b""
        while not over.is_set():
            try:
                line = await asyncio.wait_for(reader.readline(), 1)
            except TimeoutError:
                continue
            if line.startswith(b"event: "):
                event = line[7:].strip()
                opened[0] += event == b"hello"
            elif line.startswith(b"data: ") and event == b"changed":
                now = time.perf_counter()
                for ref in {found.decode() for found in CARD.findall(line.replace(b'\\"', b'"'))}:
                    if ref in began:
                        delays.append(now - began[ref])
                        heard.add(ref)
        writer.close()

    async def everybody() -> None:
        opened = [0]
        tasks = []
        for place in range(count):
            tasks.append(asyncio.create_task(look(place, opened)))
            if place % 20 == 19:
                await asyncio.sleep(0.1)
        while opened[0] < count:
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)
        ready.set()
        await asyncio.gather(*tasks)

    readers = threading.Thread(target=asyncio.run, args=(everybody(),))
    readers.start()
    if not ready.wait(60):
        over.set()
        raise SystemExit("The streams did not open.")
    columns = [part.partition(b"</ol>")[0] for part in re.split(rb'id="list-', client.ask("GET", f"/t/{TEAM}/board/")[2])[1:]]
    refs = [ref.decode() for ref in CARD.findall(columns[0])]
    answers: list[float] = []

    def mover(place: int) -> None:
        own = Client(client.port, f"{name}={client.more['movers'][place]}", client.csrf)
        chance, mine, until = random.Random(place), refs[place::MOVERS], time.perf_counter() + SECONDS
        anchors = refs[(place + 1) % MOVERS :: MOVERS]
        time.sleep(place * EVERY / MOVERS)
        while time.perf_counter() < until and mine:
            ref = mine.pop()
            began[ref] = time.perf_counter()
            seconds, answer, _ = own.ask("POST", f"/t/{TEAM}/columns/ideation/", {"card": ref, "after": chance.choice(anchors)})
            if answer.status != 200:
                raise SystemExit(f"A move answered {answer.status}.")
            answers.append(seconds)
            time.sleep(max(0.0, EVERY - seconds))

    movers = [threading.Thread(target=mover, args=(place,)) for place in range(MOVERS)]
    for thread in movers:
        thread.start()
    for thread in movers:
        thread.join()
    time.sleep(2)
    over.set()
    readers.join()
    early, late = statistics.median(delays) * 1000, statistics.quantiles(delays, n=20)[-1] * 1000
    # A card that stood there already has not moved, and nobody is told.
    moved = len(heard)
    missed = moved * count - len(delays)
    target = 300 if count <= 50 else 1000
    return (
        f"| a move on {count} pages | {early:.0f} | p95 {late:.0f} ms | | | | ≤ {target} ms | {moved} moves, {missed} of "
        f"{moved * count} words missing, a move took {statistics.median(answers) * 1000:.0f} ms |"
    )
