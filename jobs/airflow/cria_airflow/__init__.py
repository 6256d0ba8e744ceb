"""Cria's stages as Airflow tasks.

``line`` makes the DAG that runs a recipe, publishes its dataset and may tune a model on it, ``checks`` one that is
scheduled by what was published. Airflow 3.3 or newer with apache-airflow-providers-apache-spark 6.3.4 or newer; docs/airflow.md tells how to
set it up.
"""

from __future__ import annotations

from cria_airflow.lines import DATASET, TRAINING, checks, line
from cria_airflow.retries import StageRetryPolicy
from cria_airflow.stage import StageOperator

__all__ = ["DATASET", "TRAINING", "StageOperator", "StageRetryPolicy", "checks", "line"]
