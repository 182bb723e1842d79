"""Moments and lengths of time in the words of the pages (DESIGN 4.7)."""

from datetime import date, datetime, timedelta, tzinfo

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def ago(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """How long ago: just now, 42 min ago, 3 h ago, yesterday, 14:05, Tue 10 Mar, 3 Mar 2025."""
    passed, local, today = now - moment, moment.astimezone(zone), now.astimezone(zone).date()
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if local.date() == today:
        return f"{passed // HOUR} h ago"
    if local.date() == today - timedelta(days=1):
        return f"yesterday, {local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def at(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """When, with the hour: today, 17:00, tomorrow, 12:00, Tue 17 Mar, 09:00; the year where it is another one."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    return f"{near.get((local.date() - today).days) or day(local.date(), today)}, {local:%H:%M}"


def day(one: date, today: date) -> str:
    """Wed 18 Mar; the year where it is another one."""
    return f"{one:%a} {one.day} {one:%b}{f' {one.year}' if one.year != today.year else ''}"


def length(time: timedelta, day: timedelta) -> str:
    """Working time, rounded down: 1d 4h from a day on, 6h from three hours on, 2h 50m below. `day` is what a day has."""
    if time < MINUTE:
        return "under a minute"
    if time < 3 * HOUR:
        hours, minutes = time // HOUR, time % HOUR // MINUTE
        return " ".join([*([f"{hours}h"] if hours else []), *([f"{minutes}m"] if minutes else [])])
    if time < day:
        return f"{time // HOUR}h"
    days, hours = time // day, time % day // HOUR
    return f"{days}d {hours}h" if hours else f"{days}d"
