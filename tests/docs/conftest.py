"""Node.js with the packages that the tests of clients have."""

from tests.system.conftest import npm
from tests.system.test_node_clients import node

__all__ = ["node", "npm"]
