import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { AnchorSigner, AnchorVerifier } from "../../ports/anchor-book.js";

/** @param pem a private Ed25519 key in PKCS#8. @throws {TypeError} for another kind of key; the key itself is not repeated. */
export function ed25519Signer(pem: string): AnchorSigner {
  const key = parsed(() => createPrivateKey(pem), "a private Ed25519 key in PEM");
  return { sign: (text) => sign(null, Buffer.from(text), key).toString("base64") };
}

/** @param pem the public key, or the private one that it belongs to. @throws {TypeError} */
export function ed25519Verifier(pem: string): AnchorVerifier {
  const key = parsed(() => createPublicKey(pem), "an Ed25519 key in PEM");
  return { holds: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, "base64")) };
}

/** A new pair of keys in PEM. */
export function newEd25519Keys(): { readonly private_pem: string; readonly public_pem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    private_pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    public_pem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

function parsed(read: () => ReturnType<typeof createPublicKey>, expected: string): ReturnType<typeof createPublicKey> {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = read();
  } catch {
    throw new TypeError(`the key file does not hold ${expected}`);
  }
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError(`the key file does not hold ${expected}`);
  return key;
}
