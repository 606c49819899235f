"""Reason codes of outcomes: short, stable, free of personal data; they stand in journals, mails and on pages."""

# not sent
QUIET_WINDOW = "quiet_window"
PAUSED = "paused"
RATE = "rate"
BUSY = "busy"  # the connection's slots are taken
INACTIVE = "inactive"  # the configuration or the connection is switched off (rule P4)
UNREACHABLE = "unreachable"  # the connection was refused: nothing left us
MISCONFIGURED = "misconfigured"  # credentials or settings are refused or missing
TOO_EARLY = "too_early"  # an earlier send may still take effect: ask again later
STALE_OWNER = "stale_owner"  # another worker has taken this operation over
ROLLED_BACK = "rolled_back"  # the other side says that it undid its work (deadlock)

# declined
REFUSED = "refused"  # a business refusal without a better name
EXPIRED = "expired"  # the authorization can no longer be captured (rule P39)
EXCEEDS = "exceeds"  # more than what is authorized or left
NOT_FOUND = "not_found"
UNSUPPORTED = "unsupported"
TAKEN_OVER = "taken_over"  # nobody can tell whether the application before has done it
CHARGED_BACK = "charged_back"  # the customer's bank has taken the money back already
WITHDRAWN = "withdrawn"  # it never took effect, and nobody wanted it any more when that was found out
ORDER_STATE = "order_state"  # the ERP order is in no state that allows this

# unknown
NO_ANSWER = "no_answer"
BAD_ANSWER = "bad_answer"
SERVER_ERROR = "server_error"
INPUT_CHANGED = "input_changed"  # the operation was begun with other figures than it is asked for now
WORKER_LOST = "worker_lost"  # the activity timed out or its worker died

# pending
WAITING = "waiting"
