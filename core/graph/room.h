#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sched {

// Room for `more` elements at the end, so that adding them cannot fail; growing as push_back would.
template <class T>
void make_room(std::vector<T>& vector, std::size_t more = 1) {
  if (vector.capacity() - vector.size() >= more) return;
  vector.reserve(std::max(vector.size() + more, 2 * vector.capacity()));
}

}  // namespace sched
