// Tencent's own encryption (@wecom/crypto): opens what comes as a line of JSON and seals an answer.
const { decrypt, encrypt, getSignature } = require("@wecom/crypto");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { key, token, timestamp, nonce, sealed, answer, id } = JSON.parse(line);
  const again = encrypt(key, answer, id);
  process.stdout.write(`${JSON.stringify({
    opened: decrypt(key, sealed), signature: getSignature(token, timestamp, nonce, sealed),
    sealed: again, signed: getSignature(token, timestamp, nonce, again),
  })}\n`);
});
