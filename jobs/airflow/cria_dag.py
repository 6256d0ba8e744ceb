"""A dataset by Cria: started by hand or by another DAG, with what the parameters say. docs/airflow.md"""

from cria_airflow import line

dag = line("cria")
