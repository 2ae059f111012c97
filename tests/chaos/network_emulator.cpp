// How do real processes get a bad network? Their network namespaces hang on this program.
//
// It carries each packet with delay, jitter, loss and a rate, and drops what is cut off, as lines
// on its standard input say:
//
//   set HOST|* [delay=MS] [jitter=MS] [loss=SHARE] [rate=KBIT_S]
//                      of a cable, for each direction by itself; what is not named is none
//   pull HOST|*        the cable, with all that is under way in it; nobody is told
//   plug HOST|*        it in again
//   cut FROM TO        drops what FROM sends to TO, and nothing else
//   heal FROM TO       no longer; `heal *`: nothing is cut any more
//   forget HOST        as a NAT does: connections that there are go dead, new ones pass
//
// Each line is answered with `done` or `refused`. It ends when its input does, and says what it
// carried.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using bench_clock = std::chrono::steady_clock;
using moment = bench_clock::time_point;
using milliseconds = std::chrono::duration<double, std::milli>;

/// A queue in front of a slow line holds what it sends in so long, as the one in a router does.
constexpr milliseconds queue_length_max{400};
constexpr std::size_t queue_bytes_min = 30'000;
constexpr std::size_t packet_bytes_max = 65'536;

[[noreturn]] void give_up(const std::string& what) {
  std::cerr << "network_emulator: " << what << ": " << std::strerror(errno) << '\n';
  std::exit(1);
}

/// What a cable does to packets.
struct quality {
  milliseconds delay{0};
  milliseconds jitter{0}; ///< the delay is so much longer or shorter at most
  double loss = 0;        ///< share of packets
  double kbit_s = 0;      ///< 0: as fast as can be
};

/// One direction of a cable.
struct lane {
  moment free_at{};
  moment last_arrival{}; ///< jitter overtakes nobody: reordered TCP would be another test
  std::size_t waiting_bytes = 0;
};

/// One namespace: its only way out is the cable to us.
struct host {
  std::string name;
  std::uint32_t address; ///< in network order
  int device;            ///< of its TUN
  quality cable;
  bool plugged = true;
  lane out, in;
  std::uint64_t carried = 0, dropped = 0; ///< packets that it sent
};

/// What tells connections apart; the same for both directions.
struct connection {
  std::pair<std::uint32_t, std::uint16_t> a, b; ///< address and port of each end, the smaller first
  friend auto operator<=>(const connection&, const connection&) = default;
};

/// What of a packet decides where it goes.
struct address_line {
  std::uint32_t from, to;
  std::optional<connection> tcp;
  bool opens = false; ///< its connection
};

template <class T>
T at(std::span<const char> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Of an IPv4 packet (RFC 791, RFC 9293); nothing for others.
std::optional<address_line> read_address_line(std::span<const char> packet) {
  if (packet.size() < 20 || (packet[0] >> 4) != 4)
    return std::nullopt;
  address_line line{at<std::uint32_t>(packet, 12), at<std::uint32_t>(packet, 16), {}, false};
  const auto header = static_cast<std::size_t>(packet[0] & 15) * 4;
  const bool is_tcp = packet[9] == 6 && (at<std::uint16_t>(packet, 6) & htons(0x1fff)) == 0;
  if (is_tcp && packet.size() >= header + 20) {
    std::pair a{line.from, at<std::uint16_t>(packet, header)};
    std::pair b{line.to, at<std::uint16_t>(packet, header + 2)};
    line.tcp = a < b ? connection{a, b} : connection{b, a};
    line.opens = (packet[header + 13] & 0x12) == 0x02; // SYN without ACK
  }
  return line;
}

/// A packet on its way: first to us, then from us.
struct traveller {
  moment due;
  std::uint64_t number; ///< those of one moment keep their order
  std::size_t from, to;
  bool half_way;
  std::vector<char> packet;
  bool operator>(const traveller& other) const {
    return std::pair(due, number) > std::pair(other.due, other.number);
  }
};

/// The hosts, their cables and what is under way in them.
class network {
public:
  explicit network(std::uint64_t seed) : chance_(seed) {}

  void add(host joined) { hosts_.push_back(std::move(joined)); }
  std::vector<host>& hosts() { return hosts_; }

  /// When `deliver` has something to do.
  std::optional<moment> next() const {
    return travellers_.empty() ? std::nullopt : std::optional(travellers_.top().due);
  }

  /// A packet leaves a host.
  void take(std::size_t from, std::span<const char> packet, moment now) {
    const auto line = read_address_line(packet);
    if (!line)
      return;
    for (std::size_t to = 0; to < hosts_.size(); ++to)
      if (hosts_[to].address == line->to && to != from) {
        if (passes(*line))
          send({now, 0, from, to, false, {packet.begin(), packet.end()}}, now);
        else
          ++hosts_[from].dropped;
      }
  }

  /// Moves on what is due.
  void deliver(moment now) {
    while (!travellers_.empty() && travellers_.top().due <= now) {
      auto arrived = travellers_.top();
      travellers_.pop();
      auto& cable = hosts_[arrived.half_way ? arrived.to : arrived.from];
      (arrived.half_way ? cable.in : cable.out).waiting_bytes -= arrived.packet.size();
      if (!cable.plugged || cuts_.contains({arrived.from, arrived.to})) {
        ++hosts_[arrived.from].dropped;
      } else if (!arrived.half_way) {
        arrived.half_way = true;
        send(std::move(arrived), now);
      } else if (write(cable.device, arrived.packet.data(), arrived.packet.size()) > 0) {
        ++hosts_[arrived.from].carried;
      } else {
        ++hosts_[arrived.from].dropped;
      }
    }
  }

  void cut(std::size_t from, std::size_t to) { cuts_.emplace(from, to); }
  void heal(std::size_t from, std::size_t to) { cuts_.erase({from, to}); }
  void heal_all() { cuts_.clear(); }
  void forget(std::size_t whose) {
    const auto address = hosts_[whose].address;
    for (const auto& known : connections_)
      if (known.a.first == address || known.b.first == address)
        forgotten_.insert(known);
  }

private:
  /// Whether no NAT has forgotten the packet's connection.
  bool passes(const address_line& line) {
    if (!line.tcp)
      return true;
    connections_.insert(*line.tcp);
    if (line.opens)
      forgotten_.erase(*line.tcp);
    return !forgotten_.contains(*line.tcp);
  }

  /// Onto the cable of the one end or the other.
  void send(traveller sent, moment now) {
    auto& cable = hosts_[sent.half_way ? sent.to : sent.from];
    auto& way = sent.half_way ? cable.in : cable.out;
    const auto& [delay, jitter, loss, kbit_s] = cable.cable;
    const auto queue_bytes =
        std::max<double>(queue_bytes_min, kbit_s / 8 * queue_length_max.count());
    const bool full = kbit_s > 0 && static_cast<double>(way.waiting_bytes) > queue_bytes;
    if (!cable.plugged || full || share_(chance_) < loss) {
      ++hosts_[sent.from].dropped;
      return;
    }
    auto departure = now;
    if (kbit_s > 0) {
      const milliseconds sending(static_cast<double>(sent.packet.size()) * 8 / kbit_s);
      departure = std::max(now, way.free_at) + std::chrono::ceil<bench_clock::duration>(sending);
      way.free_at = departure;
    }
    const auto travels = std::max(milliseconds(0), delay + jitter * (2 * share_(chance_) - 1));
    sent.due =
        std::max(departure + std::chrono::ceil<bench_clock::duration>(travels), way.last_arrival);
    sent.number = number_++;
    way.last_arrival = sent.due;
    way.waiting_bytes += sent.packet.size();
    travellers_.push(std::move(sent));
  }

  std::vector<host> hosts_;
  std::priority_queue<traveller, std::vector<traveller>, std::greater<>> travellers_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  std::set<connection> connections_, forgotten_;
  std::mt19937_64 chance_;
  std::uniform_real_distribution<double> share_{0, 1};
  std::uint64_t number_ = 0;
};

/// The one device of a namespace: 10.78.0.X/24, up.
int make_device(const std::string& space, const std::string& address) {
  const int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = open(("/run/netns/" + space).c_str(), O_RDONLY | O_CLOEXEC);
  if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0)
    give_up("namespace " + space);
  const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strcpy(request.ifr_name, "eth0");
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0)
    give_up("a device in namespace " + space);
  const auto set_up = "ip link set lo up && ip addr add " + address +
                      "/24 dev eth0 && ip link set eth0 mtu 1500 txqueuelen 1000 up";
  if (std::system(set_up.c_str()) != 0 || setns(here, CLONE_NEWNET) != 0)
    give_up("address " + address + " in namespace " + space);
  close(here);
  close(there);
  return device;
}

/// What one line of the input asks for. False if it is none of ours; then nothing was done.
class command {
public:
  command(network& ours, const std::string& line) : network_(ours), words_(line) {}

  bool perform() {
    std::string verb, whose;
    words_ >> verb >> whose;
    if (verb == "heal" && whose == "*")
      return network_.heal_all(), true;
    const auto named = hosts(whose);
    if (named.empty())
      return false;
    if (verb == "cut" || verb == "heal")
      return cut(named.front(), verb == "cut");
    if (verb == "set")
      return set(named);
    for (const auto index : named)
      if (verb == "pull" || verb == "plug")
        network_.hosts()[index].plugged = verb == "plug";
      else if (verb == "forget")
        network_.forget(index);
      else
        return false;
    return true;
  }

private:
  std::vector<std::size_t> hosts(const std::string& name) const {
    std::vector<std::size_t> found;
    for (std::size_t index = 0; index < network_.hosts().size(); ++index)
      if (name == "*" || network_.hosts()[index].name == name)
        found.push_back(index);
    return found;
  }

  bool cut(std::size_t from, bool cuts) {
    std::string name;
    words_ >> name;
    const auto to = hosts(name);
    if (to.size() != 1)
      return false;
    cuts ? network_.cut(from, to.front()) : network_.heal(from, to.front());
    return true;
  }

  bool set(const std::vector<std::size_t>& named) {
    quality wanted;
    for (std::string word; words_ >> word;) {
      const auto equals = word.find('=');
      const auto key = word.substr(0, equals);
      double value = -1;
      if (equals != std::string::npos)
        std::from_chars(word.data() + equals + 1, word.data() + word.size(), value);
      if (value < 0)
        return false;
      if (key == "delay")
        wanted.delay = milliseconds(value);
      else if (key == "jitter")
        wanted.jitter = milliseconds(value);
      else if (key == "loss")
        wanted.loss = value;
      else if (key == "rate")
        wanted.kbit_s = value;
      else
        return false;
    }
    for (const auto index : named)
      network_.hosts()[index].cable = wanted;
    return true;
  }

  network& network_;
  std::istringstream words_;
};

/// Performs the lines that have come; false when there will be no more.
bool listen(network& ours, std::string& heard) {
  std::array<char, 4096> buffer;
  const auto count = read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count <= 0)
    return false;
  heard.append(buffer.data(), static_cast<std::size_t>(count));
  for (std::size_t end; (end = heard.find('\n')) != std::string::npos; heard.erase(0, end + 1))
    std::cout << (command(ours, heard.substr(0, end)).perform() ? "done" : "refused") << std::endl;
  return true;
}

void run(network& ours) {
  std::vector<pollfd> watched{{STDIN_FILENO, POLLIN, 0}};
  for (const auto& each : ours.hosts())
    watched.push_back({each.device, POLLIN, 0});
  std::vector<char> packet(packet_bytes_max);
  std::string heard;
  for (;;) {
    const auto due = ours.next();
    timespec pause{};
    if (due) {
      const auto left = std::max(bench_clock::duration(0), *due - bench_clock::now());
      const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
      pause = {seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
    }
    ppoll(watched.data(), watched.size(), due ? &pause : nullptr, nullptr);
    ours.deliver(bench_clock::now());
    if (watched[0].revents != 0 && !listen(ours, heard))
      return;
    for (std::size_t index = 0; index < ours.hosts().size(); ++index) {
      constexpr int at_once_max = 64; // then the others have their turn
      for (int burst = 0; (watched[index + 1].revents & POLLIN) != 0 && burst < at_once_max;
           ++burst) {
        const auto count = read(ours.hosts()[index].device, packet.data(), packet.size());
        if (count <= 0)
          break;
        ours.take(index, {packet.data(), static_cast<std::size_t>(count)}, bench_clock::now());
      }
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: network_emulator SEED HOST=NAMESPACE=ADDRESS...\n";
    return 64;
  }
  network ours(std::strtoull(argv[1], nullptr, 10));
  for (int index = 2; index < argc; ++index) {
    std::istringstream word(argv[index]);
    std::string name, space, address;
    std::getline(std::getline(std::getline(word, name, '='), space, '='), address);
    ours.add(
        {name, inet_addr(address.c_str()), make_device(space, address), {}, true, {}, {}, 0, 0});
  }
  std::cout << "ready" << std::endl;
  run(ours);
  for (const auto& each : ours.hosts())
    std::cout << each.name << " carried " << each.carried << " dropped " << each.dropped << '\n';
}
