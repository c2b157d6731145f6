#include "base/http/errand.h"

namespace berth::http {

Result<const TlsContext*> ClientContext::Tls() {
  if (!tls) {
    tls = TRY(options.insecure ? TlsContext::ForInsecureClient()
                               : TlsContext::ForClient(options.ca_file));
  }
  return &*tls;
}

void ClientContext::Begin(std::shared_ptr<Errand> errand) {
  Errand& begun = *errand;
  errands.emplace(&begun, std::move(errand));
  begun.SetDeadline(options.total_timeout);
  begun.Start();
}

void ClientContext::AbandonAll() {
  for (const auto& [key, errand] : std::exchange(errands, {})) errand->Abandon();
}

void Errand::SetDeadline(std::chrono::milliseconds limit) {
  deadline_ = context()->loop.After(limit, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) {
      self->Fail(Error("timed out", ETIMEDOUT));
    }
  });
}

void Errand::Connect() {
  const auto context = this->context();
  DialOptions options = {.timeout = context->options.connect_timeout};
  if (to_.scheme == Url::Scheme::kHttps) {
    auto tls = context->Tls();
    if (!tls) {
      return context->loop.Post([weak = weak_from_this(), error = tls.error()] {
        if (const auto self = weak.lock()) self->Fail(error);
      });
    }
    options.tls = *tls;
  }
  dialing_ = Dial(context->loop, to_, options,
                  [weak = weak_from_this()](Result<std::shared_ptr<Transport>> transport) {
                    const auto self = weak.lock();
                    if (!self) return;
                    const auto dialed = std::exchange(self->dialing_, nullptr);
                    if (!transport) return self->Fail(std::move(transport).error());
                    self->OnTransport(std::move(*transport));
                  });
}

void Errand::Abandon() {
  deadline_.Cancel();
  dialing_.reset();
}

void Errand::Leave() {
  Abandon();
  if (const auto context = this->context()) context->errands.erase(this);
}

}  // namespace berth::http
