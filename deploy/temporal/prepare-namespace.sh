#!/bin/sh
# Creates the namespace and the search attributes by which operators find orders. Safe to repeat.
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, RETENTION.
set -eu
export TEMPORAL_ADDRESS TEMPORAL_NAMESPACE

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi

# the namespace is known everywhere a few seconds after its creation
attempt=0
until temporal operator search-attribute list >/dev/null 2>&1; do
  attempt=$((attempt + 1))
  if [ "$attempt" -ge 30 ]; then
    echo "The namespace $TEMPORAL_NAMESPACE does not answer." >&2
    exit 1
  fi
  sleep 1
done

# what exists already is left as it is
temporal operator search-attribute create --type Keyword \
  --name Tenant --name OrderNo --name Family --name State --name Problem --name Provider
temporal operator search-attribute create --type Datetime --name NextDue
temporal operator search-attribute create --type Bool --name NeedsHuman
