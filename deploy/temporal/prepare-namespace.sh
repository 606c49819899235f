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

# one call each: of several names in one call the first alone is registered; what exists is left as it is
attribute() { # type, names
  type=$1
  shift
  for name in "$@"; do
    temporal operator search-attribute create --name "$name" --type "$type"
  done
}

attribute Keyword Tenant OrderNo Family State Problem Provider
attribute Datetime NextDue
attribute Bool NeedsHuman
