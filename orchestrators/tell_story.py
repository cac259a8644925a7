"""Tells a story: a flow that is one step, and streams what it writes."""

from activities import stories
from raincheck import flow

tell_story = flow(acknowledge="Let me tell you a story.")(stories.tell_story)
