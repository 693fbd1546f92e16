"""Working on a run: short slices under a lease, each step committed before the next.

A slice may be delivered twice, killed at any instruction, or wake up after another worker took
over; what it did stands in the targets with its checkpoint, and what it did not do is done by the
next one.
"""

from migration.services.work.slices import Outcome, work_on

__all__ = ["Outcome", "work_on"]
