"""A small OpenID Connect provider on loopback: discovery, keys, authorization by code with PKCE, signed tokens."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "csuite", "only-for-tests"


class Provider:
    """`spoil` changes what the next tokens look like; `asked` are the paths that were requested."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}
        self.asked: list[str] = []
        self.spoil: dict[str, Any] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.issuer = f"http://{self.host}"

    # What a person does at the provider

    def consent(self, address: str, **claims: Any) -> dict[str, str]:
        """She signs in where the browser was sent to; the parameters that lead her back."""
        query = {name: found[0] for name, found in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = (claims, query)
        return {"code": code, "state": query["state"]}

    # The server

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": self.spoil.get("token_endpoint", f"{self.issuer}/token"),
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def userinfo(self) -> dict[str, Any]:
        return dict(self.spoil.get("userinfo", {}))

    def keys(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        claims, query = self.codes.pop(form.get("code", ""), ({}, {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = query.get("code_challenge") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not query or not proven or form.get("client_secret") != SECRET:
            return 400, {"error": "invalid_grant"}
        answer = {
            "access_token": secrets.token_urlsafe(8),
            "token_type": "Bearer",
            "id_token": self.signed(self._nonced(claims, query)),
        }
        if self.spoil.get("no_id_token"):
            del answer["id_token"]
        return 200, answer

    def _nonced(self, claims: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        """As asked for, unless `spoil` says otherwise (None: left out)."""
        nonce = self.spoil.get("nonce", query.get("nonce"))
        return claims if nonce is None else {"nonce": nonce, **claims}

    def signed(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "jti": secrets.token_hex(8), **claims}
        whole |= self.spoil.get("claims", {})
        key, algorithm = self.spoil.get("key", self.key), self.spoil.get("algorithm", "RS256")
        return jwt.encode(whole, key, algorithm=algorithm, headers={"kid": self.spoil.get("kid", "one")})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path in provider.spoil.get("redirect", ()):
                    self.send_response(302)
                    self.send_header("Location", f"{provider.issuer}/elsewhere")
                    self.end_headers()
                    return
                pages = {
                    "/.well-known/openid-configuration": provider.discovery,
                    "/keys": provider.keys,
                    "/userinfo": provider.userinfo,
                }
                self.reply(200, pages[self.path]()) if self.path in pages else self.reply(404, {})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.reply(*provider.token({name: found[0] for name, found in parse_qs(body).items()}))

            def reply(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        return Handler


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        thread.join()
        provider.server.server_close()
