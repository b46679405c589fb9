import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureSynapse } from '../../sandbox/synapse/install.ts';
import type { Synapse } from '../../sandbox/synapse/start.ts';
import { freePorts } from './ports.ts';
import { startSharedSynapse } from './synapse.ts';
import type { SharedSynapse } from './synapse.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A homeserver for bridges, and another one whose people come into its rooms. */
export interface FederatedPair {
  readonly here: SharedSynapse;
  readonly elsewhere: Synapse;
  stop(): Promise<void>;
}

/** A certificate for localhost that is its own authority, made with what Synapse itself needs. */
const makeCertificate = `
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2))
builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
builder = builder.add_extension(x509.BasicConstraints(True, None), True)
certificate = builder.sign(key, hashes.SHA256())
with open(sys.argv[1], "wb") as file:
    file.write(certificate.public_bytes(serialization.Encoding.PEM))
with open(sys.argv[2], "wb") as file:
    file.write(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
`;

/** Starts two homeservers on loopback that federate with each other; the first has `slots` places for bridges. */
export async function startFederatedPair(
  slots: number,
  onProgress: (line: string) => void,
): Promise<FederatedPair> {
  const folder = temporaryFolder('certificate');
  const [certificate, key] = [join(folder.path, 'certificate.pem'), join(folder.path, 'key.pem')];
  const { python } = await ensureSynapse({ onProgress });
  await promisify(execFile)(python, ['-c', makeCertificate, certificate, key]);
  const ports = await freePorts(2);
  const started: SharedSynapse[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.stop()));
    await folder.remove();
  };
  try {
    for (const port of ports) {
      const places = started.length === 0 ? slots : 0;
      started.push(await startSharedSynapse(places, onProgress, { port, certificate, key }));
    }
    const [here, other] = started;
    if (!here || !other) throw new Error('There are no two homeservers.');
    return { here, elsewhere: other.synapse, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
