#!/bin/sh
# First start of the database: a role and a database for Holdfast, a role for Temporal that creates its own two.
# Run by the postgres image as its administrator; never again once the data volume is filled.
set -eu

psql --set ON_ERROR_STOP=1 --set holdfast="$HOLDFAST_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" \
  --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE holdfast LOGIN PASSWORD :'holdfast';
CREATE DATABASE holdfast OWNER holdfast;
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
SQL
