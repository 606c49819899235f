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

# not sent: refused here, before anything could be lost by it
NO_AMOUNT = "no_amount"  # the amount is no positive number of minor units
TOO_SMALL = "too_small"  # the provider captures less than one unit of currency by agreement only
NOTHING_HELD = "nothing_held"
NOT_HELD_YET = "not_held_yet"  # the remainder will be authorized anew later
ONE_A_DAY = "one_a_day"  # one partial capture a day
FIVE_MINUTES = "five_minutes"  # the remainder is being authorized anew
BLACKOUT = "blackout"  # hours in which a day's captures cannot be continued
ABOVE_OPEN = "above_open"  # more than what is held
ABOVE_CAPTURED = "above_captured"  # more than what was captured and not given back
LAST_WAS_CAPTURE = "last_was_capture"  # undoing the last action would give back money
NOTHING_TO_UNDO = "nothing_to_undo"
NOT_RENEWABLE = "not_renewable"  # the customer would have to agree to another authorization
TOO_LATE = "too_late"  # it is under way or done already
SCHEME_FORBIDS = "scheme_forbids"  # the card scheme or the issuer allow no further attempt
DIFFERS = "differs"  # the provider's books are not ours

# declined
REFUSED = "refused"  # a business refusal without a better name
EXPIRED = "expired"  # the authorization can no longer be captured (rule P39)
EXCEEDS = "exceeds"  # more than what is authorized or left
NOT_FOUND = "not_found"
UNSUPPORTED = "unsupported"
TAKEN_OVER = "taken_over"  # nobody can tell whether the application before has done it
CHARGED_BACK = "charged_back"  # the customer's bank has taken the money back already
WITHDRAWN = "withdrawn"  # it never took effect, and nobody wanted it any more when that was found out
NAME_TAKEN = "name_taken"  # another file has the name of ours
ORDER_STATE = "order_state"  # the ERP order is in no state that allows this

# unknown
NO_ANSWER = "no_answer"
BAD_ANSWER = "bad_answer"
SERVER_ERROR = "server_error"
INPUT_CHANGED = "input_changed"  # the operation was begun with other figures than it is asked for now
WORKER_LOST = "worker_lost"  # the activity timed out or its worker died

# pending
WAITING = "waiting"
