"""The certificate authority of the tests."""

import trustme

AUTHORITY = trustme.CA()
