"""What is known of a failure, and whether it is worth another try."""

from __future__ import annotations

import json
import unittest
from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowException
from cria_airflow.outcomes import (
    LastWords,
    Outcome,
    Sight,
    StageFailed,
    Status,
    first_line,
    last_word,
    submitted_code,
)
from cria_airflow.retries import StageRetryPolicy


POLICY = StageRetryPolicy(
    stopped=timedelta(seconds=1), endpoint=timedelta(seconds=2), out_of_sight=timedelta(seconds=3)
)
FAILED = RuntimeError("Driver d exited with status FAILED")
SUBMITTED = AirflowException(
    "Cannot execute: spark-submit --class io.cria.cli.Main x.jar. Error code is: 4.\nLast spark-submit output:\n…"
)


def status(exit_code: int, **fields: Any) -> Status:
    known = {"state": "failed", "reason": "", "updated_at": "t1", "spend": {}, "is_short": False, "invocation": ""}
    return Status(**{**known, "exit_code": exit_code, **fields})


def words(exit_code: int, line: str = "", at: str = "t1") -> LastWords:
    return LastWords(exit_code, line, "", at)


def outcome_of(
    failure: BaseException, words: LastWords | None = None, status: Status | None = None, **more: Any
) -> Outcome:
    rest = {"code": None, "said": (), "is_at_work": False, **more}
    return Outcome.of(failure, words=words, status=status, **rest)


def decide(outcome: Outcome) -> RetryDecision:
    return POLICY.evaluate(StageFailed("cria stage generate", "/r", outcome), try_number=1, max_tries=3)


class OutcomeTest(unittest.TestCase):
    def test_what_the_driver_left_comes_first(self) -> None:
        outcome = outcome_of(FAILED, words(4, "cap reached"), status(5, reason="of the one before"))

        self.assertEqual(Outcome(4, "cap reached"), outcome)
        failed = StageFailed("cria stage generate", "/r", outcome)
        self.assertEqual("cria stage generate, /r: exit code 4: cap reached", str(failed))
        named = StageFailed("cria stage generate", "/r", Outcome(4, "file:/r: cap reached"))
        self.assertEqual("cria stage generate: exit code 4: file:/r: cap reached", str(named))

    def test_the_status_counts_where_the_last_words_were_lost(self) -> None:
        self.assertEqual(Outcome(3, "stopped"), outcome_of(FAILED, None, status(3, reason="stopped")))

    def test_without_either_the_exit_code_counts_and_the_last_line_that_cria_said(self) -> None:
        said = ("26/11/26 INFO SparkContext", "cria: no such file, conf/x.yaml: name another", "bye")

        outcome = outcome_of(SUBMITTED, code=submitted_code(SUBMITTED), said=said)

        self.assertEqual(Outcome(4, "no such file, conf/x.yaml: name another"), outcome)

    def test_a_driver_that_left_no_word_is_told_by_what_spark_says(self) -> None:
        outcome = outcome_of(FAILED, is_at_work=True)

        self.assertEqual(Outcome(None, "RuntimeError: Driver d exited with status FAILED", True), outcome)
        self.assertIn("killed or is out of sight", str(outcome))
        self.assertIn("no word of how it ended", str(outcome_of(FAILED)))

    def test_a_good_end_under_a_driver_that_failed_tells_nothing(self) -> None:
        self.assertIsNone(outcome_of(FAILED, words(0), status(0, state="done")).exit_code)

    def test_only_what_was_written_since_and_by_the_same_task_is_this_trys(self) -> None:
        before = Sight(status(4), words(4))
        own, others = status(5, updated_at="t2", invocation="a"), status(5, updated_at="t2", invocation="b")

        self.assertIsNone(before.new_words(before))
        self.assertIsNone(before.new_status(before, "a"))
        self.assertEqual(words(4, at="t2"), Sight(None, words(4, at="t2")).new_words(before))
        self.assertEqual(own, Sight(own, None).new_status(before, "a"))
        self.assertIsNone(Sight(others, None).new_status(before, "a"))
        self.assertEqual(status(5), Sight(status(5), None).new_status(Sight(None, None), "a"))

    def test_codes_of_signals_and_of_spark_itself_are_none_of_crias(self) -> None:
        for code in ("-9", "0", "137", "143"):
            with self.subTest(code):
                self.assertIsNone(submitted_code(AirflowException(f"Cannot execute: s. Error code is: {code}.")))

    def test_a_message_is_told_without_its_command_line(self) -> None:
        self.assertEqual("AirflowException: spark-submit failed. Error code is: 4.", first_line(SUBMITTED))
        self.assertEqual("ValueError: ", first_line(ValueError()))
        self.assertEqual("", last_word(["nothing of ours"]))


class StageRetryPolicyTest(unittest.TestCase):
    def test_bad_input_caps_and_refusals_fail_at_once_with_the_reason(self) -> None:
        for code in (2, 4, 6):
            with self.subTest(code):
                decision = decide(Outcome(code, "why"))

                self.assertEqual(RetryAction.FAIL, decision.action)
                self.assertEqual(f"cria stage generate, /r: exit code {code}: why", decision.reason)

    def test_a_stop_and_a_failing_endpoint_are_tried_again_after_their_delays(self) -> None:
        for code, seconds in ((3, 1), (5, 2)):
            with self.subTest(code):
                decision = decide(Outcome(code, "why"))

                self.assertEqual(RetryAction.RETRY, decision.action)
                self.assertEqual(timedelta(seconds=seconds), decision.retry_delay)
                self.assertIn("why", decision.reason or "")

    def test_a_run_without_a_driver_in_sight_is_looked_at_again(self) -> None:
        decision = decide(Outcome(None, "Driver d exited with status KILLED", True))

        self.assertEqual((RetryAction.RETRY, timedelta(seconds=3)), (decision.action, decision.retry_delay))

    def test_all_else_is_left_to_airflow(self) -> None:
        self.assertEqual(RetryAction.DEFAULT, decide(Outcome(1, "a fault")).action)
        self.assertEqual(RetryAction.DEFAULT, decide(Outcome(None, "no word")).action)
        self.assertEqual(RetryAction.DEFAULT, POLICY.evaluate(ValueError("other"), 1, 3).action)

    def test_it_survives_serialization(self) -> None:
        again = StageRetryPolicy.deserialize(json.loads(json.dumps(POLICY.serialize())))

        self.assertEqual(POLICY.serialize(), again.serialize())

    def test_the_lock_of_a_killed_driver_is_free_before_the_next_look(self) -> None:
        self.assertGreater(StageRetryPolicy().out_of_sight, timedelta(seconds=60))
