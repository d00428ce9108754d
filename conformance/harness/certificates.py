"""A certificate authority for one run, what it vouches for, and the trust store by which Java believes it."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)
PASSWORD = "harness"
"""Java opens no trust store without one; it guards nothing, since certificates are public."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files that were written."""

    server: Path
    """The certificate of the server with its key, as PEM."""
    authority: Path
    """The certificate of the authority, as PEM."""
    truststore: Path
    """The same for Java."""

    def context(self) -> ssl.SSLContext:
        """What a server needs to speak TLS in that name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context

    def java(self) -> list[str]:
        """The options by which Java trusts the authority, and nobody else."""
        return [
            f"-Djavax.net.ssl.trustStore={self.truststore}",
            f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
            "-Djavax.net.ssl.trustStoreType=PKCS12",
        ]


def issue(host: str, directory: Path) -> Certificates:
    """Write a new authority and a certificate for the host, both good for a day. The authority's key is not kept."""
    made = Certificates(directory / "server.pem", directory / "authority.pem", directory / "truststore.p12")
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name, server_name = _name("Authority of one run of the harness"), _name(host)
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _certificate(server_name, authority_name, server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made.server.touch(mode=0o600)
    made.server.write_bytes(key + server.public_bytes(serialization.Encoding.PEM))
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    trusted = [pkcs12.PKCS12Certificate(authority, b"authority")]
    protected = serialization.BestAvailableEncryption(PASSWORD.encode())
    made.truststore.write_bytes(pkcs12.serialize_java_truststore(trusted, protected))
    return made


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
