"""Bugs that we plant: each breaks one promise, and names the tests that have to notice."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One small change of the source. ``file`` is below ``src/dayjob``; ``old`` has to be there exactly once."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


_REPOSITORY = "tests/repository/test_repository.py::"
_CONNECTION = "tests/repository/sqlite/test_connection.py::"
_EXECUTIONS = "tests/dayjob/engine/test_executions.py::"
_RESCUER = "tests/dayjob/engine/test_rescuer.py::"
_OUTCOME = "tests/dayjob/test_outcome.py::"
_SIMULATION = "tests/simulation/test_scenes.py::"
_STORM = "tests/crash/test_storm.py::"
_SOCKET = "tests/dayjob/web/test_websocket.py::"
_SECURITY = "tests/dayjob/web/test_security.py::"

MUTANTS = (
    Mutant(
        "an end is written without its attempt", "repository/sqlite/sql/settle.sql",
        " AND dayjob_job.attempt = ended.attempt", "",
        (_REPOSITORY + "test_the_first_attempt_is_stale_when_the_second_runs",),
    ),
    Mutant(
        "progress is written without its attempt", "repository/sql/save_progress.sql", "{fence}", "worker = :worker",
        (_REPOSITORY + "test_who_has_no_right_to_a_job_changes_nothing",),
    ),
    Mutant(
        "a checkpoint is written without its attempt", "repository/sql/save_checkpoint.sql",
        "{fence}", "worker = :worker",
        (_REPOSITORY + "test_who_has_no_right_to_a_job_changes_nothing",),
    ),
    Mutant(
        "accepted jobs do not wait for the disk", "repository/sqlite/connection.py",
        "full = durable and self._power_safe", "full = False",
        (_CONNECTION + "test_accepted_jobs_wait_for_the_disk_if_they_have_to_survive_power_failures",),
    ),
    Mutant(
        "a checkpoint does not wait for the disk", "repository/job_repository.py",
        'tx.update_jobs("save_checkpoint", values, announce=False)))',
        'tx.update_jobs("save_checkpoint", values, announce=False)), durable=False)',
        (_CONNECTION + "test_a_checkpoint_waits_for_the_disk_and_progress_does_not",),
    ),
    Mutant(
        "answers come before the commit", "repository/writer.py",
        "request.result = request.operation(transaction)\n",
        "request.result = request.operation(transaction)\n"
        "            self._post(self._deliver, Delivery([request]))\n",
        (_SIMULATION + "test_nobody_hears_of_what_is_not_committed",),
    ),
    Mutant(
        "news come before the commit", "repository/writer.py",
        "                self.connection.commit()\n",
        "                early = Delivery()\n                self._announce(transaction, early)\n"
        "                self._post(self._on_delivery, early)\n                transaction.changed = []\n"
        "                self.connection.commit()\n",
        (_SIMULATION + "test_nobody_hears_of_what_is_not_committed",),
    ),
    Mutant(
        "transactions begin without the write lock", "repository/sqlite/connection.py", '"BEGIN IMMEDIATE"', '"BEGIN"',
        (_CONNECTION + "test_writers_always_begin_immediately",),
    ),
    Mutant(
        "a running job is called cancelled at once", "repository/sql/cancel_pending.sql",
        "status = 'pending'", "status IN ('pending', 'running')",
        (_REPOSITORY + "test_a_running_job_is_asked_and_keeps_the_time_of_the_first_request",),
    ),
    Mutant(
        "a cancel that meets the end of an attempt is lost", "repository/operations.py",
        "job.status == Status.PENDING and job.cancel_requested_at is not None", "False",
        (_EXECUTIONS + "test_a_cancel_that_its_process_had_not_heard_of_is_obeyed_at_the_end_of_the_attempt",),
    ),
    Mutant(
        "a cancel ends the worker", "engine/worker.py",
        "        self._executions.end(execution, ending)\n",
        "        self._executions.end(execution, ending)\n"
        "        if execution.stop_reason is not None:\n            raise asyncio.CancelledError\n",
        (_SIMULATION + "test_cancelled_jobs_leave_the_workers_at_work",),
    ),
    Mutant(
        "only an Exception ends a job", "engine/runners.py",
        " if is_awaitable(result) else result))\n    except BaseException as error:",
        " if is_awaitable(result) else result))\n    except Exception as error:",
        (_SIMULATION + "test_whatever_is_raised_ends_the_job",),
    ),
    Mutant(
        "sockets wait for each other", "web/connection.py",
        "            await self._send_text(frame.text)\n        if not self._greeted",
        "            global _turn\n            _turn = globals().get('_turn') or asyncio.Lock()\n"
        "            async with _turn:\n                await self._send_text(frame.text)\n"
        "        if not self._greeted",
        (_SOCKET + "TestManager::test_who_is_stuck_holds_up_nobody",),
    ),
    Mutant(
        "a socket is told the state before it hears news", "web/websocket.py",
        "        self.active_connections.setdefault(job_id, []).append(connection)\n"
        "        try:\n            await self._prepare(job_id, connection)\n",
        "        try:\n            await self._prepare(job_id, connection)\n"
        "            self.active_connections.setdefault(job_id, []).append(connection)\n",
        (_SOCKET + "TestManager::test_nothing_between_the_state_and_the_news_is_lost",),
    ),
    Mutant(
        "the beat needs the event loop", "engine/heartbeat.py",
        "                self._repository.beat(self._me.id, reply, health)\n",
        "                self._loop.call_soon_threadsafe(self._repository.beat, self._me.id, reply, health)\n",
        (_SIMULATION + "test_a_handler_that_blocks_the_loop_loses_nothing",),
    ),
    Mutant(
        "who is dead is told by the wall clock", "engine/rescuer.py",
        "        now = time.monotonic()\n        beat, since",
        "        now = time.time()\n        beat, since",
        (_SIMULATION + "test_a_jump_of_the_clock_takes_nothing_from_anybody",),
    ),
    Mutant(
        "a commit that failed is not told", "repository/writer.py",
        "            request.error = told\n", "            request.error = None\n",
        (_SIMULATION + "test_nobody_hears_of_what_is_not_committed",),
    ),
    Mutant(
        "a rescued job keeps its attempt", "repository/sqlite/sql/claim.sql", "attempt = attempt + 1",
        "attempt = attempt + (orphans = 0)",
        (_RESCUER + "test_rescued_jobs_run_again_with_a_new_attempt",),
    ),
    Mutant(
        "the last progress is not told", "progress.py",
        "        self.flush()\n        self._report, self._check", "        self._report, self._check",
        ("tests/dayjob/test_progress.py::test_many_updates_are_few_reports_and_the_last_one_is_delivered",),
    ),
    Mutant(
        "a mailbox has no bound", "mailbox.py", "if others and (others + 1", "if others and False and (others + 1",
        ("tests/dayjob/test_mailbox.py::test_a_mailbox_never_grows_beyond_its_bounds",),
    ),
    Mutant(
        "sockets come in unasked", "web/security.py",
        "    return decide(\n        _join_headers(connection)",
        "    return None if scope['type'] == 'websocket' else decide(\n        _join_headers(connection)",
        (_SECURITY + "test_a_websocket_client_from_another_page_is_refused",),
    ),
    Mutant(
        "an Origin need only begin right", "web/security.py",
        'origin not in {f"{_web_scheme(target.scheme)}://{name}" for name in names}',
        'not any(origin.startswith(f"{_web_scheme(target.scheme)}://{name}") for name in names)',
        (_SECURITY + "test_the_decision",),
    ),
    Mutant(
        "a job that kills is run for ever", "outcome.py", "if orphans >= MAX_ORPHANS:", "if orphans >= 10**9:",
        (_OUTCOME + "test_a_job_under_which_three_processes_died_is_not_run_again",),
    ),
    Mutant(
        "a shutdown counts as a failure", "outcome.py",
        "return self._move(Event.RELEASE)\n",
        "return self._move(Event.RELEASE, failures=self._job.failures + 1)\n",
        (_OUTCOME + "test_a_shutdown_keeps_all_counters",),
    ),
    Mutant(
        "limits hold in one process only", "repository/sql/running_limited.sql",
        "WHERE status = 'running'", "WHERE status = 'running' AND worker = ''",
        ("tests/repository/test_claiming.py::test_a_limit_holds_over_all_processes",),
    ),
    Mutant(
        "an end that cannot be stored is forgotten", "engine/settler.py",
        "if isinstance(result, StorageError):", "if isinstance(result, ZeroDivisionError):",
        (_EXECUTIONS + "test_an_end_that_cannot_be_stored_is_tried_again",),
    ),
    Mutant(
        "a lost job runs on", "engine/recorder.py",
        "            self._on_lost()\n\n", "            pass\n\n",
        (_EXECUTIONS + "test_progress_that_comes_too_late_stops_the_handler",),
    ),
    Mutant(
        "dead processes are not looked for at the start", "engine/engine.py",
        "            await self.rescuer.reap_neighbours()\n", "            pass\n",
        (_RESCUER + "test_what_a_dead_process_left_is_pending_again_when_start_returns",),
    ),
    Mutant(
        "an idempotency key is not kept", "repository/creation.py",
        'yield "save_idempotency", _place(key) | values', "pass",
        ("tests/dayjob/test_request.py::TestIdempotency::test_the_same_key_and_request_give_the_same_job",),
    ),
    Mutant(
        "a tick is run by everybody", "repository/schedules.py",
        'if not tx.run("get_due_schedule", values):', 'if tx.run("get_due_schedule", values) is None:',
        ("tests/dayjob/engine/test_scheduler.py::test_a_second_process_that_was_late_with_its_write_adds_nothing",),
    ),
    Mutant(
        "a finished job can be changed", "repository/sqlite/migrations/0001_initial.sql",
        "WHEN OLD.status IN ('completed', 'failed', 'cancelled')", "WHEN 0",
        ("tests/dayjob/test_states.py::test_a_finished_job_is_immutable_in_the_database",),
    ),
    Mutant(
        "a call after the stop waits for ever", "repository/writer.py",
        "if self._closed:", "if self._closed and False:",
        (_CONNECTION + "test_what_comes_after_the_close_is_told",),
    ),
    Mutant(
        "the gate is waited for as long as it takes", "repository/sqlite/connection.py",
        "if time.monotonic() >= ends:\n                self._gate_patience",
        "if False:\n                self._gate_patience",
        (_STORM + "test_a_gate_that_is_not_given_back_stops_nobody",),
    ),
    Mutant(
        "a start does not wait for who holds a new file", "repository/sqlite/connection.py",
        'if "locked" not in str(error) or time.monotonic() > ends:', "if True:",
        (_STORM + "test_a_start_waits_for_who_holds_a_new_file",),
    ),
    Mutant(
        "a parent is called again before its last child ended", "repository/sql/child_ended.sql",
        "CASE waits_for WHEN 1", "CASE 1 WHEN 1",
        (_SIMULATION + "test_a_parent_waits_for_exactly_its_children",),
    ),
    Mutant(
        "a parent is not called again", "repository/sql/child_ended.sql", "WHEN 1 THEN 1", "WHEN 0 THEN 1",
        (_SIMULATION + "test_a_family_outlives_its_process",),
    ),
    Mutant(
        "a cancel spares the children", "repository/sql/list_descendants.sql",
        "child.parent_id = family.id)", "child.parent_id = family.id AND 0)",
        (_SIMULATION + "test_a_cancel_reaches_a_family_that_waits",),
    ),
    Mutant(
        "each attempt adds its children anew", "engine/children.py",
        "_digest([self._job.id, *identity])", "_digest([self._job.id, self._job.attempt, *identity])",
        (_SIMULATION + "test_a_parent_waits_for_exactly_its_children",),
    ),
    Mutant(
        "children are removed under their parent", "repository/sqlite/sql/prune.sql",
        "+parent.status IN ('pending', 'running')", "+parent.status = 'running'",
        ("tests/repository/test_children.py::test_children_of_a_parent_that_may_ask_for_them_are_kept",),
    ),
    Mutant(
        "a unique key finds the job of another owner", "repository/sql/get_active_by_key.sql",
        "coalesce(owner, '') = coalesce(:owner, '')", "1",
        (_REPOSITORY + "test_a_unique_key_is_its_owners",),
    ),
    Mutant(
        "an id finds the job of another owner", "repository/creation.py", "return row.owner == new.owner and", "return",
        (_REPOSITORY + "test_an_id_that_another_owner_has_is_refused_and_gives_nothing_away",),
    ),
    Mutant(
        "a child is nobody's", "repository/children.py", "return new._replace(owner=owner)", "return new",
        ("tests/dayjob/engine/test_children.py::test_a_parent_runs_again_when_its_children_have_ended[task]",),
    ),
    Mutant(
        "an owner sees the jobs of all owners", "web/access.py",
        "or resource.owner != owner:", "or resource.owner is None:",
        ("tests/dayjob/web/test_access.py::test_jobs_of_others_are_as_unknown_as_ids_that_never_were",),
    ),
    Mutant(
        "Fail in a group is a failure like others", "outcome.py",
        "return any(_is_a(leaf, Fail) for leaf in _leaves(error))", "return _is_a(error, Fail)",
        (_OUTCOME + "test_fail_anywhere_in_a_group_is_final",),
    ),
    Mutant(
        "a child process runs what it finds", "origin.py",
        "return _contents(found) == _contents(wanted.layers) if changed else _places(found) == _places(wanted.layers)",
        "return True",
        ("tests/dayjob/test_origin.py::test_a_name_that_only_the_child_process_binds_again_is_refused",),
    ),
    Mutant(
        "what a handler put away lives on", "engine/_supervisor.py", "while self._reap() and", "while False and",
        ("tests/dayjob/engine/test_child_process.py::test_what_a_handler_put_into_another_session_is_ended_with_it",),
    ),
)  # fmt: skip
