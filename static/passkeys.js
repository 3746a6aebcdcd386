// Passkeys: the browser puts the question to the device, and the form carries its answer along.
//
// A form with data-passkey has the question in it, as JSON; with data-passkey-makes it asks for a new
// passkey. What is marked data-passkey-only is shown where passkeys can be used, and what is marked
// data-passkey-without is hidden there; without this script the page offers everything else.

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  if (!buffer) return undefined;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function described(known) {
  return (known ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
}

async function prove(asked) {
  const { id, rawId, type, response } = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) },
  });
  return {
    id,
    rawId: text(rawId),
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

async function make(asked) {
  const { id, rawId, type, response } = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: described(asked.excludeCredentials),
    },
  });
  return {
    id,
    rawId: text(rawId),
    type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
    },
  };
}

function canBeAsked(host) {
  return location.hostname === host || location.hostname.endsWith(`.${host}`);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const asked = JSON.parse(form.dataset.passkey);
  const makes = "passkeyMakes" in form.dataset;
  if (!window.PublicKeyCredential || !canBeAsked(makes ? asked.rp.id : asked.rpId)) continue;
  const failed = form.querySelector("[data-passkey-failed]");
  const button = form.querySelector("[data-passkey-button]");
  for (const part of form.querySelectorAll("[data-passkey-only]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-passkey-without]")) part.hidden = true;
  button.addEventListener("click", async () => {
    failed.hidden = true;
    button.disabled = true;
    try {
      const answer = await (makes ? make(asked) : prove(asked));
      form.querySelector("[data-passkey-answer]").value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      failed.hidden = false;
      failed.focus();
    } finally {
      button.disabled = false;
    }
  });
}
