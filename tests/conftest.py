"""What holds for all tests: generated input may be slow to make on a machine that is busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("raincheck", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("raincheck")
