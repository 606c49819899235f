"""What has to be known of a PaymentIntent to look after it: its id says the rest."""

from adapters.stripe_psp.intent import INTENT_ID
from domain.authorization.handing_over import HandingOver

STRIPE_HOLDS = HandingOver("stripe", INTENT_ID.pattern, "pi_3MtwBwLkdIwHu7ix28a3tqPa")
