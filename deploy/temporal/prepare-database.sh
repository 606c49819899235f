#!/bin/sh
# Creates Temporal's two databases and brings their schema to the version of this image. Safe to repeat.
# Reads SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

sql() { # database, what to do with it
  database=$1
  shift
  temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" "$@"
}

prepare() { # database, folder of its schema
  sql "$1" create
  sql "$1" setup-schema -v 0.0
  sql "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
