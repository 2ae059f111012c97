// How an edge that connects by schedule tells its transport when to: a port, so that tests need no
// socket.
#pragma once

namespace godwit {

/// Both may be called from any thread, again and again.
class dial_port {
public:
  virtual ~dial_port() = default;
  /// Dial now, and again whenever the link is lost.
  virtual void dial() = 0;
  /// Say goodbye, hang up, and dial no more.
  virtual void rest() = 0;
};

} // namespace godwit
