"""Tells a story: a flow that is one step, and streams what it writes."""

from raincheck import flow

from activities import stories

tell_story = flow(acknowledge="Let me tell you a story.")(stories.tell_story)
