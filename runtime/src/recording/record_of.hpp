// How does a round, as the machines know it, become the record that reports and rounds.jsonl show?
#pragma once

#include <godwit/actors/server_ports.hpp>
#include <godwit/runtime/record.hpp>

namespace godwit {

round_record record_of(const round_facts& facts);

} // namespace godwit
