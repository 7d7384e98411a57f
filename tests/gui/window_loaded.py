"""Prints the modules that are loaded once a whole window stands, every part built: run as a process of its own."""

import asyncio
import os
import sys
from pathlib import Path

from app import crash as crashes
from app.options import WindowOptions
from app.window import build, make_application, show_window


async def no_engine(_options):
    await asyncio.Event().wait()


async def main(window, options, crash):
    controller = await build(window, options, crash)
    for part in controller.parts.values():
        part.build()
    assert controller.chart is not None
    print(*sys.modules, flush=True)
    # nothing to keep of it
    os._exit(0)


if __name__ == "__main__":
    import qasync

    folder = Path(sys.argv[1])
    options = WindowOptions(data_folder=folder, config_folder=folder, connector=no_engine, tour=False)
    app = make_application("dark")
    window = show_window(app, options)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main(window, options, crashes.CrashHandler(folder / "logs", lambda: "")))
