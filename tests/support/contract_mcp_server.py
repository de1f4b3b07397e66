"""Serves the connector of the contract over MCP, in a process of its own: ``python contract_mcp_server.py [stdio]``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contract_connector import MODULES

from jackfield import Host, HttpSettings, Store
from jackfield_mcp import Gateway, Offer, serve_stdio

if __name__ == "__main__":
    offer = Offer(deadline_s=float(sys.argv[1]) if len(sys.argv) > 1 else None, max_result_bytes=4096)
    gateway = Gateway(offer)
    settings = HttpSettings(retry_base_s=0.001, retry_cap_s=0.001)
    with Host(plugins=[gateway, Store.default()], discover=False, modules=MODULES, settings=settings) as host:
        serve_stdio(gateway.served(host))
