"""What can go wrong with plans; each message says what to do."""


class PlanError(Exception):
    """Base of the errors about plans. `code` is stable and meant for programs."""

    code = "plan_error"


class PlanNotFound(PlanError):
    """There is no plan, or no change, with this id."""

    code = "plan_not_found"


class PlanNotReady(PlanError):
    """The plan cannot do this in the state that it is in."""

    code = "plan_not_ready"
