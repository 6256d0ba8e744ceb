package io.cria.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadOnlyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "-- why\n/* and; how */ SELECT 'drop table x'",
        "with a as (select 1 as n) select * from a",
        "from candidates select item",
        "values (1), (2)",
        "table pool",
        "(select 1) union (select 2)",
        "select insert, delete, `update` from (select 1 as insert, 2 as delete, 3 as `update`)",
        "with a as (select 'x) insert into t' as t) select t from a",
        "show tables",
        "describe ledger",
        "desc extended pool",
        "explain select 1",
        "create temporary view mine as select 1",
        "create or replace global temp view mine as select 1"
      })
  void whatReadsIsAllowed(String statement) {
    assertThat(ReadOnly.is(statement)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "drop table x",
        "insert into candidates select * from candidates",
        "create table t as select 1",
        "create view v as select 1",
        "create temporary function f as 'x.Y'",
        "set spark.sql.shuffle.partitions=1",
        "reset",
        "/* select */ truncate table x",
        "with a as (select 1) insert into t select * from a",
        "with a as (select 1) delete from t",
        "from candidates insert overwrite directory '/x' select *",
        "cache table x",
        "use other",
        "execute immediate 'drop table x'",
        "begin select 1; end",
        "'"
      })
  void whatChangesSomethingIsNot(String statement) {
    assertThat(ReadOnly.is(statement)).isFalse();
  }
}
