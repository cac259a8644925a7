"""Timers that note how they were called."""

import os
from pathlib import Path

import azure.functions as func

app = func.FunctionApp()


def note(text):
    with Path(os.environ["NOTES"]).open("a") as file:
        file.write(text + "\n")


@app.timer_trigger(schedule="* * * * * *", arg_name="t")
@app.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:00:00")
def often(t: func.TimerRequest, context: func.Context) -> None:
    retry = context.retry_context
    note(f"often {t.past_due} {t.schedule_status} {t.schedule} {retry.retry_count}/{retry.max_retry_count}")
    if os.environ.get("FAIL"):
        raise RuntimeError("fails")


@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="t", run_on_startup=True)
def first(t: func.TimerRequest) -> None:
    note(f"first {t.past_due}")


@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="t")
def yearly(t: func.TimerRequest) -> None:
    note(f"yearly {t.past_due} {sorted(t.schedule_status)}")
