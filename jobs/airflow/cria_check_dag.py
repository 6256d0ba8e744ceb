"""Scheduled by the datasets that Cria's DAGs publish, and by the trainings they finish. docs/airflow.md"""

from cria_airflow import TRAINING, checks

dag = checks("cria_check")
training_dag = checks("cria_training_check", asset=TRAINING)
